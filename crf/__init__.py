"""What every form runs on. A form is declared once, as a model; pages, checks, trail and exports follow from that."""
