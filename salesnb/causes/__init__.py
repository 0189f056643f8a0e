"""What the findings of the diagnosis share: what is watched, what a loss is worth, who lies behind, why."""
