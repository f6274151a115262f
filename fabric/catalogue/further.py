"""Keys of a catalogue entry that no rule reads yet: shown to people, kept whole, still checked for their type."""

from fabric.filing import Fields

TEXT_CHARS_MAX = 500

NUMBERS = (
    "memory_reported_mib",
    "memory_bandwidth_gbytes_per_s",
    "system_max_w",
    "system_measured_w",
    "sram_gib",
    "sram_bandwidth_gbytes_per_s",
    "ddr_gib",
    "capacity_gb",
    "read_gbytes_per_s",
    "write_gbytes_per_s",
)
TEXTS = (
    "memory_type",
    "form_factor",
    "allocation_note",
    "host_interconnect",
    "cooling",
    "memory_bandwidth_note",
    "dense_note",
    "tdp_note",
    "pci_ids_note",
)
LISTS = ("source", "verified", "recalled", "features", "number_formats", "vf_pci_ids", "switch_pci_ids")
MAPPINGS = ("redfish", "dense_tflops", "scale_up", "sharing", "roles", "network_ports")


def take_further(fields: Fields) -> None:
    """Raises FileRefused for a value of the wrong type; null is allowed everywhere ("not published")."""
    for key in NUMBERS:
        fields.optional_number(key)
    for key in TEXTS:
        if fields.at(key).value is not None:
            fields.text(key, longest=TEXT_CHARS_MAX)
    for key in LISTS:
        if fields.at(key).value is not None:
            fields.texts(key)
    for key in MAPPINGS:
        if fields.at(key).value is not None:
            fields.nested(key)
