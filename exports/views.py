from django.shortcuts import render


def exports(request):
    return render(request, "home.html", {})
