"""Language models that answer questions, at an endpoint or in a folder of this machine."""
