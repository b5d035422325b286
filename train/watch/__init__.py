"""Local pages: a training in progress, with judges that are asked, and a walk between pictures."""
