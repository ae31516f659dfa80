"""What people at the sites write in free text: in the languages and scripts of the trial's countries."""

from __future__ import annotations

REMARKS = (
    "Evolución favorable, sin secuelas.",
    "Patient bien informé, fièvre résolue.",
    "Ο ασθενής ενημερώθηκε πλήρως.",
    "Größere Müdigkeit als üblich, sonst unverändert.",
    "Nessuna novità: la dimissione è già avvenuta.",
    "As discussed with the patient.",
)

NO_BED = {
    "FR": "Pas de lit disponible : congés de l'équipe, rien à voir avec l'état du patient.",
    "GR": "Δεν υπήρχε διαθέσιμη κλίνη στη μονάδα.",
    "IT": "Nessun posto letto disponibile: la dose di metà ciclo è stata saltata.",
    "ES": "Sin cama disponible en el hospital de día; se avisó con antelación.",
    "CH": "Kein Bett frei: Überbelegung der Tagesklinik.",
}
NOT_WELL_ENOUGH = {
    "FR": "Fièvre et toux : perfusion différée jusqu'à l'amélioration.",
    "GR": "Πυρετός και βήχας· η έγχυση αναβλήθηκε.",
    "IT": "Febbre e tosse: infusione rinviata finché non c'è miglioramento.",
    "ES": "Fiebre y tos: se retrasó la infusión hasta la mejoría.",
    "CH": "Fieber und Husten: Infusion verschoben, bis es besser geht.",
}
ECOG_HAS_CHANGED = {
    "FR": "ECOG 1 confirmé à la réévaluation : une activité à mi-temps est reprise.",
    "GR": "Κατάσταση ικανότητας ECOG 1 κατά την επανεξέταση.",
    "IT": "ECOG 1 confermato: più attività di quanto sembrasse.",
    "ES": "ECOG 1 confirmado en la reevaluación del día señalado.",
    "CH": "ECOG 1 bestätigt: arbeitet wieder halbtags in einer Bäckerei.",
}
LUNG_DISEASE = {
    "FR": "Pneumopathie interstitielle à la relecture du scanner ; dossier adressé au comité thoracique.",
    "GR": "Διάμεση πνευμονοπάθεια στην επανεκτίμηση της αξονικής.",
    "IT": "Interstiziopatia alla rilettura della TC; il caso è già in discussione.",
    "ES": "Neumopatía intersticial en la relectura de la TC.",
    "CH": "Interstitielle Veränderungen in der Zweitbefundung, für die Studie ungeeignet.",
}
LIVER_DISEASE = {
    "FR": "Hépatite B active avec INR allongé ; adressé en hépatologie.",
    "GR": "Ενεργός ηπατίτιδα Β, παρατεταμένος χρόνος πήξης.",
    "IT": "Epatite B attiva con INR aumentato; inviato in epatologia.",
    "ES": "Hepatitis B activa con INR alargado; derivado a hepatología.",
    "CH": "Aktive Hepatitis B mit erhöhtem INR, in der Hepatologie vorgestellt.",
}
POSITIVE_TEST = {
    "FR": "Test de grossesse positif ; prise en charge organisée.",
    "GR": "Θετικό τεστ κύησης.",
    "IT": "Test di gravidanza positivo.",
    "ES": "Prueba de embarazo positiva; se informó a la paciente.",
    "CH": "Schwangerschaftstest positiv, die Patientin ist informiert.",
}
DECLINED = {
    "FR": "A préféré un traitement près du domicile, à l'hôpital du département.",
    "GR": "Προτίμησε να μη συνεχίσει.",
    "IT": "Ha preferito non proseguire: il viaggio è troppo lungo.",
    "ES": "Prefirió no continuar; la decisión se respetó.",
    "CH": "Möchte näher am Wohnort behandelt werden.",
}
PROGRESSED = {
    "FR": "Nouvelles lésions hépatiques au scanner, discuté en réunion de concertation.",
    "GR": "Νέες ηπατικές εστίες στην αξονική τομογραφία.",
    "IT": "Nuove lesioni epatiche alla TC; il caso è stato discusso collegialmente.",
    "ES": "Nuevas lesiones hepáticas; se comentó en el comité de tumores.",
    "CH": "Neue Leberläsionen im CT, im Tumorboard besprochen.",
}
DIED = {
    "FR": "Décès à domicile, entouré des proches.",
    "GR": "Απεβίωσε στο σπίτι, δίπλα στην οικογένεια.",
    "IT": "Decesso in hospice, con i familiari accanto. La causa è nota.",
    "ES": "Falleció en cuidados paliativos, acompañado de su familia.",
    "CH": "Zu Hause verstorben, im Beisein der Angehörigen.",
}
NOT_RELEASED = {
    "FR": "L'investigateur était au bloc : les critères ont été vérifiés oralement, la libération a été oubliée.",
    "GR": "Ο έλεγχος έγινε προφορικά· η αποδέσμευση ξεχάστηκε.",
    "IT": "I criteri sono stati verificati a voce; lo sblocco è stato dimenticato.",
    "ES": "Los criterios se comprobaron verbalmente; se olvidó la liberación.",
    "CH": "Die Kriterien wurden mündlich geprüft, die Freigabe wurde vergessen.",
}
RELEASED_ON_PAPER = {
    "FR": "La libération a été signée sur papier : le réseau était en panne.",
    "GR": "Η αποδέσμευση υπογράφηκε σε χαρτί· δεν υπήρχε δίκτυο.",
    "IT": "Lo sblocco è stato firmato su carta; la rete non funzionava.",
    "ES": "La liberación se firmó en papel; no había red.",
    "CH": "Die Freigabe wurde auf Papier unterschrieben, das Netz war ausgefallen.",
}
NO_COPY = {
    "FR": "La copie est restée dans le classeur.",
    "GR": "Το αντίγραφο έμεινε στον φάκελο.",
    "IT": "La copia è rimasta nella cartella.",
    "ES": "La copia quedó en la carpeta.",
    "CH": "Die Kopie blieb in der Mappe liegen.",
}
BROKEN_VIAL = {
    "FR": "Un flacon cassé à la préparation : le reste a été perfusé après accord téléphonique.",
    "GR": "Έσπασε ένα φιαλίδιο κατά την προετοιμασία.",
    "IT": "Una fiala si è rotta durante la preparazione; è stato somministrato il resto.",
    "ES": "Se rompió un vial en la preparación; se administró el resto.",
    "CH": "Ein Fläschchen zerbrach bei der Zubereitung; der Rest wurde gegeben.",
}

# Words of the chart, by what they are about and the country.
HISTORY: dict[str, dict[str, str]] = {
    "chest": {
        "FR": "Radiothérapie thoracique, 45 Gy en 30 fractions", "GR": "Ακτινοθεραπεία θώρακα, 45 Gy",
        "IT": "Radioterapia toracica, 45 Gy in 30 frazioni", "ES": "Radioterapia torácica, 45 Gy en 30 fracciones",
        "CH": "Thorakale Bestrahlung, 45 Gy in 30 Fraktionen",
    },
    "cranial": {
        "FR": "Irradiation prophylactique cérébrale, 25 Gy", "GR": "Προφυλακτική ακτινοβόληση εγκεφάλου",
        "IT": "Irradiazione profilattica dell'encefalo, 25 Gy", "ES": "Irradiación craneal profiláctica, 25 Gy",
        "CH": "Prophylaktische Schädelbestrahlung, 25 Gy",
    },
    "brain": {
        "FR": "Radiochirurgie, métastase cérébelleuse", "GR": "Ακτινοχειρουργική, εγκεφαλική μετάσταση",
        "IT": "Radiochirurgia, metastasi cerebellare", "ES": "Radiocirugía, metástasis frontal",
        "CH": "Radiochirurgie einer Kleinhirnmetastase",
    },
    "ulcer": {
        "FR": "Ulcère gastrique", "GR": "Έλκος στομάχου", "IT": "Ulcera gastrica", "ES": "Úlcera gástrica",
        "CH": "Magengeschwür",
    },
    "INFARCTION": {
        "FR": "Infarctus du myocarde, un stent", "GR": "Έμφραγμα του μυοκαρδίου", "IT": "Infarto del miocardio, uno stent",
        "ES": "Infarto de miocardio, un stent", "CH": "Herzinfarkt, ein Stent",
    },
    "STROKE": {
        "FR": "AVC ischémique, sans séquelle", "GR": "Ισχαιμικό εγκεφαλικό επεισόδιο", "IT": "Ictus ischemico, senza esiti",
        "ES": "Ictus isquémico, sin secuelas", "CH": "Ischämischer Schlaganfall, ohne Folgen",
    },
    "HEART_FAILURE": {
        "FR": "Insuffisance cardiaque, stade II", "GR": "Καρδιακή ανεπάρκεια", "IT": "Scompenso cardiaco, classe II",
        "ES": "Insuficiencia cardíaca, clase II", "CH": "Herzinsuffizienz, Klasse II",
    },
    "pneumonia": {
        "FR": "Pneumopathie, guérie", "GR": "Πνευμονία", "IT": "Polmonite, guarita", "ES": "Neumonía, curada",
        "CH": "Pneumonie, ausgeheilt",
    },
    "hip": {
        "FR": "Ostéosynthèse du col fémoral", "GR": "Οστεοσύνθεση ισχίου", "IT": "Osteosintesi del femore",
        "ES": "Osteosíntesis de cadera", "CH": "Osteosynthese am Schenkelhals",
    },
    "block": {
        "FR": "Bloc de branche droit, connu", "GR": "Αποκλεισμός δεξιού σκέλους", "IT": "Blocco di branca destra, noto",
        "ES": "Bloqueo de rama derecha, conocido", "CH": "Rechtsschenkelblock, vorbekannt",
    },
    "method": {
        "FR": "Préservatif", "GR": "Προφυλακτικό", "IT": "Preservativo", "ES": "Preservativo", "CH": "Kondom",
    },
}  # fmt: skip
