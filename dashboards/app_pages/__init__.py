"""One file a page. A page asks queries.py, draws with charts.py and tables.py, and holds no rule of a figure."""
