"""Pages of the drug account: the sites, a site's stock, a vial, what is entered, and the reconciliation list."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import check, grants
from accounts.roles import Permission
from crf import lists
from dosing import accountability, drug_entry, drug_pages
from dosing.drug_pages import KNOWS, site_or_404
from dosing.stock_forms import ActForm, ArriveForm, CountForm, ExpiryForm, ReceiveForm
from protocol import stock


def _posted(request):
    return request.POST if request.method == "POST" else None


@require_GET
def drug(request):
    """The sites whose account the person reads; who has one is led to it."""
    if not any(grants(request.user).may(each) for each in KNOWS):
        check(request.user, Permission.DRUG)
    found = drug_pages.overview(request.user)
    if len(found) == 1:
        return redirect("drug_site", found[0].site.code)
    return render(request, "dosing/drug.html", {"sites": found, "strengths": stock.strengths()})


@require_GET
def drug_site(request, site):
    """The stock of a site; with ?csv=1 the vials that are shown."""
    found = site_or_404(request.user, site)
    return lists.respond(request, drug_pages.account(request, found), "dosing/stock.html", f"vials-{found.code}")


@require_http_methods(["GET", "POST"])
def drug_receive(request, site):
    """A shipment comes in."""
    found = site_or_404(request.user, site, Permission.STOCK)
    form = ReceiveForm(_posted(request), site=found, initial={"received_on": drug_pages.today(found).isoformat()})
    shipment = drug_entry.received(request.user, found, form) if form.is_bound else None
    if shipment is not None:
        return drug_entry.stored(request, found, drug_entry.of_shipment(shipment), drug_entry.numbers_of(shipment))
    page = drug_entry.page(request.user, found, form, "Receive a shipment")
    return render(request, "dosing/receive.html", page, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def drug_arrival(request, site, pk):
    """A box that another site sent comes in."""
    found = site_or_404(request.user, site)
    sent, vials = drug_entry.box_or_404(found, pk)
    check(request.user, Permission.STOCK, found)
    form = ArriveForm(_posted(request), site=found, initial={"received_on": drug_pages.today(found).isoformat()})
    ticked = request.POST.getlist("vial") if form.is_bound else [each.number for each in vials]
    shipments = drug_entry.arrived(request.user, found, sent, ticked, form) if form.is_bound else []
    if shipments:
        return drug_entry.after_arrival(request, found, sent, shipments)
    page = drug_entry.page(request.user, found, form, f"Receive a box from {sent.site.code}", box=drug_pages.Box(sent, vials), ticked=ticked)
    return render(request, "dosing/arrival.html", page, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def drug_act(request, site):
    """One act for the vials that were chosen: what is asked about it, then its entry."""
    found = site_or_404(request.user, site, Permission.STOCK)
    given = _posted(request) or request.GET
    if not given.get("act"):
        return redirect("drug_site", found.code)
    act, numbers = drug_entry.act_or_404(given.get("act", "")), given.getlist("vial")
    vials = drug_entry.chosen(found, numbers)
    form = ActForm(_posted(request), site=found, act=act, initial={"on": drug_pages.today(found).isoformat()})
    if form.is_bound and drug_entry.moved(request.user, found, act, numbers, form):
        return drug_entry.stored(request, found, drug_entry.of_act(act, vials), numbers)
    page = drug_entry.act_page(request.user, found, act, form, vials)
    return render(request, "dosing/act.html", page, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def drug_vial(request, site, pk):
    """One vial with its ledger; POST takes back the last line that the pharmacist entered."""
    found = site_or_404(request.user, site)
    held = drug_pages.vial_or_404(found, pk)
    if request.method == "GET":
        return render(request, "dosing/vial.html", drug_pages.vial_page(request.user, found, held))
    reason, line = request.POST.get("reason", ""), drug_entry.key(request.POST.get("entry", ""))
    try:
        accountability.correct(by=request.user, site=found, vial=pk, entry=line, reason=reason)
    except accountability.Refused as refusal:
        now = drug_pages.vial_or_404(found, pk)
        page = drug_pages.vial_page(request.user, found, now, reason, refusal.faults)
        return render(request, "dosing/vial.html", page, status=422 if "reason" in refusal.faults else 409)
    return drug_entry.stored(request, found, f"{held.number}: the line is taken back.", [held.number], "drug_vial", pk)


@require_http_methods(["GET", "POST"])
def drug_expiry(request, site):
    """Another expiry date for a lot."""
    found = site_or_404(request.user, site, Permission.STOCK)
    if not request.GET.get("lot"):
        return redirect("drug_site", found.code)
    line = drug_entry.lot_or_404(request, found)
    form = ExpiryForm(_posted(request), site=found)
    if form.is_bound and (numbers := drug_entry.redated(request.user, found, line, form)):
        said = f"The new date stands for {lists.counted(len(numbers), 'vial')} of lot {line.lot}."
        return drug_entry.stored(request, found, said, numbers)
    page = drug_entry.page(request.user, found, form, f"Expiry date of lot {line.lot}", line=drug_pages.balance_row(found, line))
    return render(request, "dosing/expiry.html", page, status=422 if form.is_bound else 200)


@require_GET
def drug_reconciliation(request, site):
    """The account against the infusions; with ?csv=1 the vials that are shown."""
    found = site_or_404(request.user, site)
    return lists.respond(request, drug_pages.compared(request, found), "dosing/reconciliation.html", f"reconciliation-{found.code}")


@require_http_methods(["GET", "POST"])
def drug_counts(request, site):
    """Counts of the stock; POST enters one."""
    found = site_or_404(request.user, site)
    if request.method == "POST" and not accountability.may_count(request.user, found):
        raise PermissionDenied(f"You may not enter a count of the stock at {found.code}: your role does not include it.")
    form = CountForm(_posted(request), site=found, initial={"counted_on": drug_pages.today(found).isoformat()})
    if form.is_bound and (said := drug_entry.count(request.user, found, form)):
        messages.success(request, said)
        return redirect("drug_counts", found.code)
    listing = drug_pages.counts(request, found, form)
    return lists.respond(request, listing, "dosing/counts.html", f"counts-{found.code}", 422 if form.is_bound else 200)
