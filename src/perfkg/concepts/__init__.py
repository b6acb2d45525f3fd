"""What indicators have in common: wordings that say the same, who uses them, which projects are of one kind.

wording   when two names say the same
uses      the wordings of a library with their uses, kept in memory
projects  the projects nearest to one of a given name
"""
