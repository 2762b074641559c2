;; The one loop that a network's time goes into, in WebAssembly with SIMD: a row of a convolution.
;; Everything else, what stands around it, is book/web/js/network.js. Numbers are float32; addresses are in bytes.
(module
  (memory (export "memory") 1)

  ;; Four windows of the input times eight filters at once: eight sums of four numbers stay in registers.
  (func (export "row")
    (param $in i32)      ;; the upper left number of the row's first window
    (param $line i32)    ;; from a line of the input to the next one
    (param $lines i32)   ;; how many lines a window has
    (param $run i32)     ;; how many numbers lie in one line of a window: width times channels, side by side
    (param $step i32)    ;; from a window to the next one
    (param $filters i32) ;; weights: for eight filters, for each number of a window, eight weights
    (param $blocks i32)  ;; how many times eight filters there are
    (param $bias i32)
    (param $out i32)     ;; the row's sums: for each window, a number a filter
    (param $windows i32) ;; a multiple of four
    (local $pitch i32) (local $x i32) (local $left i32) (local $corner i32) (local $to i32)
    (local $y i32) (local $from i32) (local $k i32) (local $w i32)
    (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (local $low v128) (local $high v128) (local $v v128)
    (local $a0 v128) (local $a1 v128) (local $b0 v128) (local $b1 v128)
    (local $c0 v128) (local $c1 v128) (local $d0 v128) (local $d1 v128)

    (local.set $pitch (i32.shl (local.get $blocks) (i32.const 5)))
    (loop $block
      (local.set $x (local.get $windows))
      (local.set $corner (local.get $in))
      (local.set $to (local.get $out))
      (loop $four
        (local.set $a0 (v128.load (local.get $bias)))
        (local.set $a1 (v128.load offset=16 (local.get $bias)))
        (local.set $b0 (local.get $a0))
        (local.set $b1 (local.get $a1))
        (local.set $c0 (local.get $a0))
        (local.set $c1 (local.get $a1))
        (local.set $d0 (local.get $a0))
        (local.set $d1 (local.get $a1))
        (local.set $w (local.get $filters))
        (local.set $y (local.get $lines))
        (local.set $from (local.get $corner))
        (loop $window
          (local.set $k (local.get $run))
          (local.set $a (local.get $from))
          (local.set $b (i32.add (local.get $a) (local.get $step)))
          (local.set $c (i32.add (local.get $b) (local.get $step)))
          (local.set $d (i32.add (local.get $c) (local.get $step)))
          (loop $number
            (local.set $low (v128.load (local.get $w)))
            (local.set $high (v128.load offset=16 (local.get $w)))
            (local.set $v (v128.load32_splat (local.get $a)))
            (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $v) (local.get $low))))
            (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $v) (local.get $high))))
            (local.set $v (v128.load32_splat (local.get $b)))
            (local.set $b0 (f32x4.add (local.get $b0) (f32x4.mul (local.get $v) (local.get $low))))
            (local.set $b1 (f32x4.add (local.get $b1) (f32x4.mul (local.get $v) (local.get $high))))
            (local.set $v (v128.load32_splat (local.get $c)))
            (local.set $c0 (f32x4.add (local.get $c0) (f32x4.mul (local.get $v) (local.get $low))))
            (local.set $c1 (f32x4.add (local.get $c1) (f32x4.mul (local.get $v) (local.get $high))))
            (local.set $v (v128.load32_splat (local.get $d)))
            (local.set $d0 (f32x4.add (local.get $d0) (f32x4.mul (local.get $v) (local.get $low))))
            (local.set $d1 (f32x4.add (local.get $d1) (f32x4.mul (local.get $v) (local.get $high))))
            (local.set $a (i32.add (local.get $a) (i32.const 4)))
            (local.set $b (i32.add (local.get $b) (i32.const 4)))
            (local.set $c (i32.add (local.get $c) (i32.const 4)))
            (local.set $d (i32.add (local.get $d) (i32.const 4)))
            (local.set $w (i32.add (local.get $w) (i32.const 32)))
            (br_if $number (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
          (local.set $from (i32.add (local.get $from) (local.get $line)))
          (br_if $window (local.tee $y (i32.sub (local.get $y) (i32.const 1)))))
        (v128.store (local.get $to) (local.get $a0))
        (v128.store offset=16 (local.get $to) (local.get $a1))
        (local.set $to (i32.add (local.get $to) (local.get $pitch)))
        (v128.store (local.get $to) (local.get $b0))
        (v128.store offset=16 (local.get $to) (local.get $b1))
        (local.set $to (i32.add (local.get $to) (local.get $pitch)))
        (v128.store (local.get $to) (local.get $c0))
        (v128.store offset=16 (local.get $to) (local.get $c1))
        (local.set $to (i32.add (local.get $to) (local.get $pitch)))
        (v128.store (local.get $to) (local.get $d0))
        (v128.store offset=16 (local.get $to) (local.get $d1))
        (local.set $to (i32.add (local.get $to) (local.get $pitch)))
        (local.set $corner (i32.add (local.get $corner) (i32.shl (local.get $step) (i32.const 2))))
        (br_if $four (local.tee $x (i32.sub (local.get $x) (i32.const 4)))))
      (local.set $filters (local.get $w))
      (local.set $bias (i32.add (local.get $bias) (i32.const 32)))
      (local.set $out (i32.add (local.get $out) (i32.const 32)))
      (br_if $block (local.tee $blocks (i32.sub (local.get $blocks) (i32.const 1)))))))
