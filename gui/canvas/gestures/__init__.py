"""What a hand does on the canvas: each gesture is an object with start, move, end and cancel."""
