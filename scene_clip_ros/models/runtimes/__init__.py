"""What executes the networks beside torch: runtimes that read ONNX, and the choice among them."""
