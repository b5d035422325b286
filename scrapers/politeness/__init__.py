"""How a guest behaves, decided without asking anybody: bounds, pace, patience, opt-outs."""
