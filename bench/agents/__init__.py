"""Traffic of agents, made up: what tools are told and what they answer. CC0, no row of any data set in it."""
