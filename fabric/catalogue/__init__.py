"""The device catalogue: every kind of device a pool may hold, with sources (`accelerators.yaml`, whose head explains its keys).

`load_catalogue()` reads the shipped file, `load_catalogue(path)` another one. null means not published or not found, never
zero; rates are public list prices for orientation, which a site replaces. Raises `fabric.filing.FileRefused`.
May import `fabric.filing` and `fabric.topology`.
"""

from fabric.catalogue.loading import SHIPPED, Catalogue, CatalogueEntry, load_catalogue

__all__ = ["SHIPPED", "Catalogue", "CatalogueEntry", "load_catalogue"]
