"""The site: settings, URLs, the admin made from the registry, home page and dashboards. It may import every other package."""
