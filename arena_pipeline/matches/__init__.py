"""One match: planned, played (runner), recorded (recorder, replay), verified, and its place on the
ladders.

Who plays whom is decided in `evaluation`; what a ladder looks like to people in `leaderboard`.
"""
