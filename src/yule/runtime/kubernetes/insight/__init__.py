"""What the state of Jobs and pods means: outcomes, waits, costs. Pure functions of the API's plain dictionaries."""
