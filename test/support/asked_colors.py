"""A vocabulary of colours that questions can be asked about."""

SIGNALS = """
templates: ["a {} thing"]
background: [a black thing]
attributes:
  signal: {labels: {red: [red], green: [green], blue: [blue]}}
"""
