"""From a design to what is true of it: shapes, costs, problems and their fixes."""
