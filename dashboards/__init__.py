"""The pages of the programme, in French, on the published marts. Does not live here: any rule of a figure (core)."""
