"""Link previews: requests to other sites and their bounds, what is taken from pages, and previews in open rooms."""
