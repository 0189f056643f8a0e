"""Files as rows of text: discovered, unpacked, decoded. Nothing is interpreted here."""
