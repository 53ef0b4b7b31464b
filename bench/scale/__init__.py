"""How the app behaves as it grows: `bin/bench scale`."""
