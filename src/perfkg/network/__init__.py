"""Projects and organizations as a network: joined where they have comparable indicators.

matter       what a name is about
measured     the numbers of all projects, the latest of each
links        who has comparable ones, how many and how close
communities  who belongs together, named by what they share
webs         a whole network, made once for a state of the library
layout       where things stand in a drawing
views        what is shown: communities first, one of them, what stands around one thing
files        a network for other programs: GraphML, GEXF
"""

from perfkg.network.views import View, around, of_indicator, resolve, whole, within
from perfkg.network.webs import Choice, Web, web

__all__ = ["Choice", "View", "Web", "around", "of_indicator", "resolve", "web", "whole", "within"]
