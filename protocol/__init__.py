"""The trial itself: parameters, schedule, scales and rules, in plain Python.

Nothing in here knows Django or a database, so every rule can be read, typed and tested alone.
"""
