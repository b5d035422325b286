"""Product photographs of watches: line-ups of invented brands, drawn part by part."""
