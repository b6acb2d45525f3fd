"""What indicators have in common: wordings that say the same, who uses them, which projects are of one kind.

wording     when two names say the same
measures    what a number measures (graph/measures.toml)
sense       what a name says as an indicator (graph/wordings.toml)
summary     one wording with all its uses
uses        the wordings of a library with their uses, kept in memory
projects    the projects nearest to one of a given name
phrases     wordings in a category and a dimension, and the cores of those that say the same
gathering   which cores are one indicator, and which may be
computed    all of this for a library
decided     concepts as people have decided
concept     one concept
catalogue   all of them: the 指标库
deciding    what a person may decide
telling     concepts as JSON
projection  the catalogue in the graph
"""
