"""What happens on a drive, before anything is drawn: roads, weather, who does what when."""
