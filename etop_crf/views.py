"""The home page: what is waiting for this person."""

from django.shortcuts import render


def home(request):
    return render(request, "home.html", {})


def changes(request):
    return render(request, "home.html", {})
