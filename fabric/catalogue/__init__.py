"""The device catalogue: every kind of device we know, with sources. The head of `accelerators.yaml` explains its keys.

`load_catalogue()` reads the shipped file, `load_catalogue(path)` another one, or raises `fabric.filing.FileRefused`.
null means not published or not found, never zero. Rates are public list prices for orientation, which a site replaces.
May import `fabric.filing` and `fabric.topology`.
"""

from fabric.catalogue.loading import SHIPPED, Catalogue, CatalogueEntry, load_catalogue

__all__ = ["SHIPPED", "Catalogue", "CatalogueEntry", "load_catalogue"]
