"""Trains and calibrates the shipped models."""
