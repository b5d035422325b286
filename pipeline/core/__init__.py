"""What every part of Salon stands on; it imports nothing of ours."""
