"""What an audience may not read, masked or left out before it reaches a finding."""
