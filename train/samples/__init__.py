"""Pictures that a generator draws: grids, sheets, films."""
