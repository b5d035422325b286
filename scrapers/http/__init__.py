"""Pages and images fetched as a guest does it: robots.txt, sessions, connections, judgement."""
