"""The acceptance story, played for real: from an empty place to a person's login and back."""
