"""Records of Gomoku in the files of other programs, one module a format. Pure; knows neither files nor windows."""
