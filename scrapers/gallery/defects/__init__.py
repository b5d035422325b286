"""How images are spoilt: copies as other people make them, and damage."""
