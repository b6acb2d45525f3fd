"""What the graph means: ontology, schemes, shapes, units and named queries. Data only."""
