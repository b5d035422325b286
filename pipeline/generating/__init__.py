"""Pictures from a trained model: what is asked for, and how it is drawn."""
