"""Qt widgets of the window: they draw what they are given and forward what people do; they compute nothing."""
