"""Parts that pages are made of. They know domain data and the theme, no service."""
