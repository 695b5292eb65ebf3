Feature: A day at the stand, in fast motion

  Scenario: The stand opens by itself
    Given the kiosk with a camera
    Then the picture is live with the label "grey 90"
    And the screen is filled with the face "show"
    And no dialog is open

  Scenario: Visitors try every key
    When a visitor presses "F2", "F1", "Ctrl+K", "Ctrl+Q", "Ctrl+O", "C", "Esc"
    Then the screen is filled with the face "show"
    And no dialog is open
    When a visitor presses "Space"
    Then the picture is "paused"
    When a visitor presses "Space"
    Then the picture is live with the label "grey 90"

  Scenario: A visitor beats the machine
    When a visitor presses "Q"
    Then the panel asks "What is this?" and the label is hidden
    When a visitor presses "1"
    Then the panel tells who was right, and the day has 1 round
    When a visitor presses "Return", "Esc"
    Then the picture is live with the label "grey 90"

  Scenario: A visitor takes the tour
    When a visitor presses "T", "Right"
    Then the panel explains the stop "A cup of coffee"
    When a visitor presses "Right", "Return"
    Then the panel explains the stop "A computer mouse"
    When a visitor presses "T"
    Then the picture is live with the label "grey 90"

  Scenario: The hall gets dark
    When a visitor presses "H"
    And the brightness is turned to -20
    Then the picture is live with the label "grey 39"
    And the picture says "Brightness −20 %"
    When the brightness is turned to 0
    And a visitor presses "Esc"
    Then the picture is live with the label "grey 90"

  Scenario: Nobody is there for a while
    When nothing moves before the camera
    Then demo pictures are shown
    When a visitor touches any key
    Then the picture is live with the label "grey 90"

  Scenario: Something else is held up
    When the camera sees grey 200
    Then the picture is live with the label "grey 200"

  Scenario: Somebody pulls the cable
    When the camera is unplugged
    Then the picture is not live
    And the window says that "fake camera" is gone
    When the camera is plugged in
    Then the picture is live with the label "grey 200"

  Scenario: The engine fails and comes back
    When the engine fails once
    Then the picture is live with the label "grey 200"

  Scenario: The kiosk ends for the engineer
    When the operator presses "Ctrl+Alt+Shift+Q"
    Then the window is closed and every thread is joined

  Scenario: The engineer measures
    Given a window with a camera
    When the engineer presses "F2", "F9"
    Then the statistics judge every figure and draw a curve
    When the engineer finds the command "light or"
    Then the theme is "light"

  Scenario: A folder is judged
    When a folder with classes is dropped
    Then the grid shows 4 files, 3 of 4 right
    When the results are exported
    Then the export names every file
    When the engineer presses "L"
    Then the picture is live with the label "grey 90"

  Scenario: Models and label files are dropped
    When the model "good.onnx" is dropped
    Then one click uses "good.onnx"
    When the model "broken.onnx" is dropped
    Then the strip says "broken.onnx: no ONNX model"
    And "good.onnx" goes on

  Scenario: The stand closes
    When the engineer presses "Ctrl+Q"
    Then the window is closed and every thread is joined
    And every captured frame was shown or counted as dropped
    And the settings remember the theme "light" and the model "good.onnx"
