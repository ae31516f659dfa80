"""The 19 sites of the registry record, in its order; names and contacts exactly as the record prints them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Site:
    """A site: its code starts patient numbers and never changes. ``country`` is ISO 3166, ``zone`` an IANA time zone.

    ``note`` says where the record spells something unusually: kept, not silently corrected.
    """

    code: str
    name: str
    city: str
    country: str
    zone: str
    contact: str
    note: str = ""


_FR, _GR, _IT = ("FR", "Europe/Paris"), ("GR", "Europe/Athens"), ("IT", "Europe/Rome")
_ES, _CH = ("ES", "Europe/Madrid"), ("CH", "Europe/Zurich")

SITES: tuple[Site, ...] = (
    Site("FR01", "CHU Angers", "Angers", *_FR, "Youssef Oulkhouir"),
    Site("FR02", "Institut Bergonie", "Bordeaux", *_FR, "Sophie Cousin",
         "The record spells 'Bergonie' without an accent."),
    Site("FR03", "Lyon - Centre Léon Bérard", "Lyon", *_FR, "Maurice Perol",
         "The record puts the city before the name, and spells the contact 'Perol' here, 'Pérol' as study chair."),
    Site("FR04", "Hôpital Nord de Marseille", "Marseille", *_FR, "Laurent Greillier"),
    Site("GR01", "Henry Dunant Hospital Center", "Athens", *_GR, "Giannis Mountzios"),
    Site("IT01", "Irccs Irst", "Meldola", *_IT, "Angelo Delmonte",
         "The record spells 'Irccs Irst', two abbreviations, in small letters."),
    Site("IT02", "Instituto Europeo di Oncologia (IEO)", "Milan", *_IT, "Filippo de Marinis",
         "The record spells 'Instituto', and gives the city in English."),
    Site("IT03", "Santa Maria della Misericordia Hospital", "Perugia", *_IT, "Giulio Metro"),
    Site("IT04", "AO San Giovanni Addolorata", "Roma", *_IT, "Antonio Lugini",
         "The record writes 'Roma' for the sites and 'Rome' for the study chair."),
    Site("IT05", 'Istituto Nazionale Tumori "Regina Elena"', "Roma", *_IT, "Federico Capuzzo",
         "The record spells the contact 'Capuzzo', the sponsor's trial page 'Cappuzzo'; it writes 'IRCCS Regina Elena, "
         "Rome' for the study chair."),
    Site("ES01", "Hospital General Universitario Alicante", "Alicante", *_ES, "Juan Luis Martí"),
    Site("ES02", "Hospital de la Santa Creu I Sant Pau", "Barcelona", *_ES, "Andrés Barba Joaquin",
         "The record writes a capital 'I' between the two names."),
    Site("ES03", "Hospital Universitatrio Vall d'Hebron", "Barcelona", *_ES, "Pedro Rocha",
         "The record spells 'Universitatrio'."),
    Site("ES04", "ICO Hospitalet H. Duran I Reynals / H. Bellvitge", "Barcelona", *_ES, "Miguel Ángel Mosteiro Lamas",
         "The record names two hospitals in one line and gives Barcelona as the city."),
    Site("ES05", "Hospital Universitatrio Puerta del Hierro", "Madrid", *_ES, "Mariano Provencio",
         "The record spells 'Universitatrio' and 'Puerta del Hierro'."),
    Site("CH01", "Kantonsspital Baden", "Baden", *_CH, "Sacha Rothschild"),
    Site("CH02", "HFR - Hôpital cantonal", "Fribourg", *_CH, "Adrienne Bettini"),
    Site("CH03", "Geneva University Hospitals", "Geneva", *_CH, "Alfredo Addeo"),
    Site("CH04", "Kantonsspital St.Gallen", "Sankt Gallen", *_CH, "Kira-Lee Koster",
         "The record writes 'St.Gallen' in the name and 'Sankt Gallen' as the city."),
)  # fmt: skip
BY_CODE = {site.code: site for site in SITES}
