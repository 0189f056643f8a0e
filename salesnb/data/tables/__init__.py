"""The canonical tables and what people keep beside them: columns, roster, playbook."""
