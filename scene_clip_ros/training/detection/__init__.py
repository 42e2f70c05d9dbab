"""Trains the shipped region proposer on rendered drives."""
