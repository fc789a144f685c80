"""What can be placed on the canvas, described once: one row a layer, all else read off torch's own signatures."""
