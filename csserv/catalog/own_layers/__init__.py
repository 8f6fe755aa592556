"""Feature layers of one's own: added from files, kept in the data folder, one file each."""

from __future__ import annotations

from csserv.catalog.own_layers.layer_folder import LayerFolder, check_name, open_layers
from csserv.catalog.own_layers.own_layer import OwnLayer

__all__ = ["LayerFolder", "OwnLayer", "check_name", "open_layers"]
