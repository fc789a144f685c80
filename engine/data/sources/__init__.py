"""One module for each kind of data that can be read; engine.data.source chooses among them."""
