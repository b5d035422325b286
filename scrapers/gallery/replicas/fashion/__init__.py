"""The replica of a fashion shop: categories, srcset and picture, JSON-LD."""
