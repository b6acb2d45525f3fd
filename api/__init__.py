"""The web door: reads a request, calls perfkg, answers."""
