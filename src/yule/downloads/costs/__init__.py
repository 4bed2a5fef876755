"""What downloads may cost, did cost, and on whose bill it is."""
